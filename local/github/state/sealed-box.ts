import sodium from "libsodium-wrappers";

await sodium.ready;
const { publicKey, privateKey } = sodium.crypto_box_keypair();
const base64 = sodium.base64_variants.ORIGINAL;

/** The key that secrets are sealed for before they are sent; GitHub has one for each repository and environment. */
export const sealingKey = { id: "568250167242549743", key: sodium.to_base64(publicKey, base64) } as const;

/**
 * Opens a sealed box (libsodium's `crypto_box_seal`).
 * @returns undefined for what was not sealed for this key
 */
export function openSealedBox(sealed: string): string | undefined {
  try {
    const box = sodium.from_base64(sealed, base64);
    return sodium.to_string(sodium.crypto_box_seal_open(box, publicKey, privateKey));
  } catch {
    return undefined;
  }
}
