// How trouble is put.

/** As a sentence begins and ends. */
export function sentence(text) {
  const whole = text.trim();
  return whole[0].toUpperCase() + whole.slice(1) + (/[.!?…”]$/.test(whole) ? "" : ".");
}
