/** The first of 85 characters in a row, none of which is a quote, `#`, `$` or a space. */
const FIRST = "(".charCodeAt(0);
const BASE = 85;
/** Characters a line. awk reads whole lines, and some awks not very long ones. */
const LINE = 4000;
/**
 * Shell command that turns what {@link toBase85} made, on its standard input, into a format for `printf`. Not
 * into the bytes themselves: not every awk can print a zero.
 */
export const FROM_BASE85 =
    `awk 'BEGIN{for(i=0;i<${String(BASE)};i++)v[sprintf("%c",i+${String(FIRST)})]=i}` +
    "{for(i=1;i<length($0);i+=5){n=0;for(j=0;j<5;j++)n=n*85+v[substr($0,i+j,1)];" +
    'for(k=16777216;k>=1;k/=256)printf"\\\\%03o",int(n/k)%256}}\'';

/**
 * Writes bytes as text: 5 characters for 4 bytes, where base64 takes 4 for 3.
 *
 * @param bytes The bytes; up to 3 zeros are added to them.
 * @returns Lines of characters, each ended.
 */
export function toBase85(bytes: Uint8Array): string {
    const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4);
    padded.set(bytes);
    const groups = Array.from({ length: padded.length / 4 }, (_, index) =>
        toCharacters(padded.readUInt32BE(index * 4)),
    );
    return groups.join("").replaceAll(new RegExp(`.{1,${String(LINE)}}`, "g"), "$&\n");
}

function toCharacters(number: number): string {
    const digits = [4, 3, 2, 1, 0].map((power) => Math.floor(number / BASE ** power) % BASE);
    return String.fromCharCode(...digits.map((digit) => FIRST + digit));
}
