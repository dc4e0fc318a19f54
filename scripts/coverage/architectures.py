"""The classification architectures of torchvision: their names, the size of their pictures, and the layer to explain at."""
import torch
from torchvision import models


def names():
    """All of them but the quantized: 80 in torchvision 0.14."""
    return models.list_models(module=models)


def build(name):
    """The network with weights that torchvision draws, seeded, for inference, and without heads that only training uses."""
    torch.manual_seed(0)
    heads = {"googlenet": {"init_weights": True}, "inception_v3": {"init_weights": True, "aux_logits": False}}
    return models.get_model(name, weights=None, **heads.get(name, {})).eval().requires_grad_(False)


def side(name):
    """Width and height that its published weights take, the smallest where they differ."""
    return min(weights.transforms.keywords["crop_size"] for weights in models.get_model_weights(name))


def target_layer(name, network):
    """The module that people take Grad-CAM at: the last with places that bear on the scores, and before it pools."""
    if name.startswith("vit"):
        # Behind the last attention only the class token is read on.
        return f"encoder.layers.{list(dict(network.encoder.layers.named_children()))[-1]}.ln_1"
    if name.startswith(("alexnet", "vgg")):
        return f"features.{len(network.features) - 2}"
    named = {
        "googlenet": "inception5b",
        "inception": "Mixed_7c",
        "maxvit": "blocks.3",
        "mnasnet": "layers",
        "regnet": "trunk_output",
        "resne": "layer4",
        "shufflenet": "conv5",
        "swin": "norm",
        "wide_resnet": "layer4",
    }
    return next((layer for family, layer in named.items() if name.startswith(family)), "features")
