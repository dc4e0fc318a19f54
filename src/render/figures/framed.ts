import type { Picture } from "../../base/picture.ts";
import { type Box, element, embed, type PictureKind, type SvgElement } from "../svg.ts";
import { colors } from "./theme.ts";

/** A picture whole and centred in a box, with the proportions of `shown` where it stands for a picture of other ones. */
export function framed(
  picture: Picture,
  box: Box,
  {
    kind = "photo",
    shown = picture,
  }: { readonly kind?: PictureKind; readonly shown?: Pick<Picture, "width" | "height"> } = {},
): SvgElement[] {
  const ratio = Math.min(box.width / shown.width, box.height / shown.height);
  const [width, height] = [Math.max(1, shown.width * ratio), Math.max(1, shown.height * ratio)];
  const [x, y] = [box.x + (box.width - width) / 2, box.y + (box.height - height) / 2];
  return [element("rect", { ...box, fill: colors.empty }), embed(picture, { x, y, width, height }, kind)];
}
