// KernelTraces
