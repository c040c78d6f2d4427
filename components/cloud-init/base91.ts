/** The first of 91 characters in a row, from `$` to `~`. */
const FIRST = "$".charCodeAt(0);
const BASE = 91;
/** What two characters hold: 13 bits. */
const PAIR = 2 ** 13;
const BYTE = 2 ** 8;
/** Characters a line. awk reads whole lines, and some awks not very long ones. */
const LINE = 4000;
/**
 * Shell command that turns what {@link toBase91} made, on its standard input, into a format for `printf`. Not
 * into the bytes themselves: not every awk can print a zero. `b` holds the bits that are no byte yet, and `p`
 * is 2 to the power of their number.
 */
export const FROM_BASE91 =
    `awk 'BEGIN{p=1;for(i=0;i<${String(BASE)};i++)v[sprintf("%c",i+${String(FIRST)})]=i}` +
    "{for(i=1;i<length;i+=2){b=b*8192+v[substr($0,i,1)]*91+v[substr($0,i+1,1)];" +
    'for(p*=8192;p>255;b%=p){p/=256;printf"\\\\%o",int(b/p)}}}\'';

/**
 * Writes bytes as text: 2 characters for 13 bits, where base64 takes 2 for 12.
 *
 * @param bytes The bytes; a zero may be added to them.
 * @returns Lines of characters, each ended.
 */
export function toBase91(bytes: Uint8Array): string {
    let [bits, power, text] = [0, 1, ""];
    for (const byte of bytes) {
        bits = bits * BYTE + byte;
        power *= BYTE;
        if (power >= PAIR) {
            power /= PAIR;
            text += toPair(Math.floor(bits / power));
            bits %= power;
        }
    }
    // What is left becomes a pair with zeros behind it.
    text += power > 1 ? toPair(bits * (PAIR / power)) : "";
    return text.replaceAll(new RegExp(`.{1,${String(LINE)}}`, "g"), "$&\n");
}

function toPair(number: number): string {
    return String.fromCharCode(FIRST + Math.floor(number / BASE), FIRST + (number % BASE));
}
