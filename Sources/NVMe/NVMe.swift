// NVMe
