/// Where to resume from.
public enum ResumePolicy: Equatable, Sendable {
  case never
  /// The newest checkpoint of the run directory, or the beginning where there is none.
  case automatically
  /// The newest checkpoint of the run directory that is whole, passing over those that are damaged.
  case intact
  case from(String)
}
