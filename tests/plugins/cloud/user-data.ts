const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Whether a text is base64 as Go's standard decoder takes it. */
export function isBase64(value: string): boolean {
    return BASE64.test(value.replace(/[\r\n]/g, ""));
}

/** User data as the machine reads it. */
export function decodeUserData(value: unknown): Buffer {
    return Buffer.from(typeof value === "string" ? value : "", "base64");
}
