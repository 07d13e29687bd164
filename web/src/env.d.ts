/** Where the flags are published; set by the build. */
declare const __FLAGS_FOLDER__: string;
