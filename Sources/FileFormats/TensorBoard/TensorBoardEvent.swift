import Foundation

/// One record of TensorBoard's event files (`tensorboard/compat/proto/event.proto` and `summary.proto`).
struct TensorBoardEvent {
  enum Content {
    /// What the file is; its first event.
    case fileVersion
    /// A writer resumes from a checkpoint: TensorBoard forgets what earlier files say of this step and later ones.
    case sessionStart(step: Int)
    case scalar(tag: String, value: Float, step: Int)
  }

  /// Seconds since 1970.
  let wallTime: Double
  let content: Content

  var message: ProtobufMessage {
    var event = ProtobufMessage()
    event.add(1, wallTime)
    switch content {
    case .fileVersion:
      event.add(3, "brain.Event:2")
    case .sessionStart(let step):
      var session = ProtobufMessage()
      session.add(1, 1)  // its status: START
      event.add(2, step)
      event.add(7, session)
    case .scalar(let tag, let value, let step):
      var scalar = ProtobufMessage()
      scalar.add(1, tag)
      scalar.add(2, value)
      var summary = ProtobufMessage()
      summary.add(1, scalar)
      event.add(2, step)
      event.add(5, summary)
    }
    return event
  }
}
