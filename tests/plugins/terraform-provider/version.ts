/** Version of the plugin whose place the stand-in takes, as `pulumi package add` was told. */
export const VERSION = "1.1.3";
