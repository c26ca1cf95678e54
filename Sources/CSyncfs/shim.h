// unistd.h declares it for GNU's own dialect of C only, which Swift's Glibc is not read in.
int syncfs(int descriptor);
