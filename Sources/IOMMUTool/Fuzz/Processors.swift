#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The number of processors of this computer; 1 where it does not tell.
var processors: Int { max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1) }
