import Foundation

/// What this process does about a signal.
enum SignalDisposition {
  case systemDefault, ignored, handled

  init(of number: Int32) {
    var action = sigaction()
    sigaction(number, nil, &action)
    self =
      switch unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) {
      case unsafeBitCast(SIG_DFL, to: Int.self): .systemDefault
      case unsafeBitCast(SIG_IGN, to: Int.self): .ignored
      default: .handled
      }
  }
}
