/// Whether a run that is asked to stop has the time for it.
public enum StopPromise {
  /// What launchers that leave the ranks that time have in the environment, of rank 0 at least.
  public static let kept = ["CAPSTAN_STOPS_GRACEFULLY": "1"]

  /// What cannot be promised where `mpirun` has started the ranks by itself; nil elsewhere.
  public static func warning(_ environment: [String: String]) -> String? {
    // Of mpirun; srun has none.
    guard environment["OMPI_COMMAND"] != nil, kept.keys.allSatisfy({ environment[$0] == nil }) else {
      return nil
    }
    return
      "mpirun answers Ctrl-C and SIGTERM by killing its ranks about a second later, which loses the steps since the last "
      + "checkpoint when the one under way takes longer; start it with launch/mpirun, or stop it by kill -USR1 of "
      + "mpirun's process."
  }
}
