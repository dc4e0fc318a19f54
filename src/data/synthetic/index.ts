/** The built-in pictures: seeded drawings of cats and dogs with the truth about what tells them apart. */
export { type Shortcut, type SyntheticDataset, type SyntheticOptions, syntheticDataset } from "./dataset.ts";
export { drawAnimal, type Masks } from "./scene.ts";
