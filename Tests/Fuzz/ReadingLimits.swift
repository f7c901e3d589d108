import Foundation
import Support

/// What reading one file may take. Where it takes more, the process ends.
enum ReadingLimits {
  /// Seconds of computing, and of waiting, which on a busy machine is much longer.
  private static let computing = 1, waiting = 60
  /// Bytes beyond what the process has at its start.
  private static let memory = 512 << 20

  /// For the rest of the process.
  static func limitMemory() throws {
    let most = rlim_t(ProcessMemory().virtual + memory)
    var limit = rlimit(rlim_cur: most, rlim_max: most)
    guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else {
      throw Failure.runtime("Memory cannot be limited.")
    }
  }

  /// From now on. SIGPROF and SIGALRM end the process.
  static func limitTime() {
    var timer = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: computing, tv_usec: 0))
    setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &timer, nil)
    alarm(UInt32(waiting))
  }
}

/// What the system says of this process's memory, in bytes.
struct ProcessMemory {
  let virtual, resident: Int

  init() {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").prefix(2).compactMap { Int($0) }
    (virtual, resident) = ((pages.first ?? 0) * Int(getpagesize()), (pages.last ?? 0) * Int(getpagesize()))
  }
}
