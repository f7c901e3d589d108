import Foundation

/// What a process is at, seen from outside: its threads are named by what they do.
final class PhaseWatch {
  private let pid: pid_t
  private var names: [Int32] = []
  private var looks = 0

  init(_ pid: pid_t) { self.pid = pid }

  deinit { forget() }

  /// Whether a thread has that name now.
  func sees(_ phase: String) -> Bool {
    // Threads come and go; a phase is shorter than finding them takes.
    if looks % 32 == 0 { findThreads() }
    looks += 1
    var buffer = [UInt8](repeating: 0, count: 16)
    return names.contains { name in
      let count = pread(name, &buffer, buffer.count, 0)
      return count > 0 && buffer[..<count].dropLast().elementsEqual(phase.utf8)
    }
  }

  private func findThreads() {
    forget()
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
    names = threads.map { open("/proc/\(pid)/task/\($0)/comm", O_RDONLY | O_CLOEXEC) }.filter { $0 >= 0 }
  }

  private func forget() {
    for name in names { close(name) }
    names = []
  }
}
