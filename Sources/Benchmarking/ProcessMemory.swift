import Support

/// The most memory that this process has had in RAM at a time, in bytes; nil where `/proc` is missing.
public func peakResidentBytes() -> Int? { SystemFile("/proc/self/status").bytes(of: "VmHWM") }

/// The memory that this process has in RAM, in bytes; nil where `/proc` is missing.
func residentBytes() -> Int? { SystemFile("/proc/self/status").bytes(of: "VmRSS") }
