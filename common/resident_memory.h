// Keeps a process that mostly waits small.
#pragma once

namespace firstbyte {

// Gives back what only the start needed: free heap, and the pages of the program and its libraries
// that were read but never written. The kernel brings those back from the page cache, without
// reading the disk, when they are needed again. Linux only; errors are of no consequence.
void release_startup_memory();

}  // namespace firstbyte
