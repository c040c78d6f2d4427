/** What an address in a cloud can send when nothing is said, in Mbit/s. */
export const STANDARD_BANDWIDTH = 5;

/** Settings that every cloud has. */
export interface CloudSettings {
    /** Zone of the machine. Changing it replaces the machine, in another region the address as well. */
    readonly zone: string;
    /** Instance type. Changing it restarts the machine. */
    readonly instanceType: string;
    /** Regular expression for the image's name. Changing it changes the next machine. */
    readonly image: string;
    /** Category of the system disk. Changing it replaces the machine at Alibaba Cloud, and restarts it at Tencent Cloud. */
    readonly diskCategory: string;
    /** Size of the system disk in GB. A larger one is set in place, at Tencent Cloud with a restart. */
    readonly diskGb: number;
    /** How the machine is paid. Changing it from or to `spot` replaces the machine. */
    readonly charge: "postpaid" | "prepaid" | "spot";
    /** How traffic is paid. Changing it replaces the address at Alibaba Cloud, and changes its plan at Tencent Cloud. */
    readonly internetCharge: "traffic" | "bandwidth";
    /** Who may use SSH; without it nobody. Adding or removing it replaces the machine. */
    readonly ssh?: { readonly allowFrom: readonly string[] } | undefined;
}
