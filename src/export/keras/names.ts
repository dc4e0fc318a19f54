/**
 * Gives names that TensorFlow and every Keras take for layers: letters, digits and `_ . -`, of which the first is a letter, digit or dot;
 * others become `_`. A name that is given already gets `_1`, `_2`, … behind it.
 */
export function layerNames(): (wanted: string) => string {
  const given = new Set<string>();
  return (wanted) => {
    const plain = wanted.replace(/[^\w.-]/g, "_").replace(/^([^a-z\d.]|$)/i, "layer$1");
    let name = plain;
    for (let count = 1; given.has(name); count++) name = `${plain}_${count}`;
    given.add(name);
    return name;
  };
}
