#!/usr/bin/python3
"""
Writes one of torchvision's classification architectures with random weights as an ONNX file, and what PyTorch says of it in float64.

Needs Debian's python3-torch and python3-torchvision.
Use:     export.py ARCHITECTURE FOLDER, or export.py --list
Writes:  model.onnx; input.npy [1, 3, H, W]; logits.npy [1, K], gradient.npy [1, 3, H, W] of the most probable class's logit, and
         gradcam.npy [h, w] at case.json's layer, before enlarging; case.json, with PyTorch's own float32 errors
"""
import copy
import json
import sys
from pathlib import Path

import numpy
import torch
from architectures import build, names, side, target_layer
from draw import Calibration, draw_weights, picture, settle


def main():
    if sys.argv[1] == "--list":
        print("\n".join(names()))
        return
    name, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)

    network = build(name)
    size = side(name)
    draw_weights(network)
    with torch.no_grad(), Calibration():
        network(picture(-1, size, 4))
    exact = copy.deepcopy(network).double()
    image = picture(0, size)
    settle(exact, image.double())
    # The weights that were moved, as float32 has them.
    network.load_state_dict(exact.state_dict())
    exact.load_state_dict(network.state_dict())

    layer = target_layer(name, network)
    reference = explained(exact, layer, image.double())
    del exact
    single = explained(network, layer, image, reference["target"])
    for key in ("logits", "gradient", "gradcam"):
        numpy.save(folder / f"{key}.npy", reference[key])
    numpy.save(folder / "input.npy", image.numpy())

    # Else attention is traced as one operator that ONNX has not.
    network.requires_grad_(True)
    # Swin v2 zeroes the biases of its keys, which are zero, in an operator that ONNX has not.
    torch.onnx.register_custom_op_symbolic("aten::zero", lambda _graph, x: x, 13)
    opset = 13 + names().index(name) % 5
    torch.onnx.export(network, image, str(folder / "model.onnx"), opset_version=opset, input_names=["input"])
    case = {
        "opset": opset,
        "side": size,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "layer": layer,
        "target": reference["target"],
        "torch": torch.__version__,
        "errors": {key: error(single[key], reference[key]) for key in ("logits", "gradient", "gradcam")},
    }
    # Last, as it says that all is there.
    (folder / "case.json").write_text(json.dumps(case, indent=2) + "\n")


def explained(network, layer, image, target=None):
    """Logits, input gradient, and Grad-CAM (Selvaraju et al. 2017) with the mean gradient of each channel as its weight."""
    activations = []
    hook = network.get_submodule(layer).register_forward_hook(lambda _module, _inputs, output: activations.append(output))
    x = image.clone().requires_grad_(True)
    logits = network(x)
    hook.remove()
    target = int(logits.argmax()) if target is None else target
    # DenseNet's last ReLU works in place: what its features gave holds what came out of that.
    gradient, slope = torch.autograd.grad(logits[0, target], [x, activations[0]])
    features, slope = (maps(tensor.detach()) for tensor in (activations[0], slope))
    weights = slope.mean((1, 2), keepdim=True)
    return {
        "logits": logits.detach().numpy(),
        "gradient": gradient.numpy(),
        "gradcam": (weights * features).sum(0).relu().numpy(),
        "target": target,
    }


def maps(activation):
    """An activation as maps [C, h, w]: of a vision transformer without its class token, of Swin from channels last."""
    if activation.dim() == 3:
        places = activation[0, 1:]
        width = round(len(places) ** 0.5)
        return places.T.reshape(-1, width, width)
    _, first, _, last = activation.shape
    return activation[0].permute(2, 0, 1) if first < last else activation[0]


def error(actual, expected):
    """‖actual − expected‖ / ‖expected‖"""
    return float(numpy.linalg.norm(actual - expected) / numpy.linalg.norm(expected))


main()
