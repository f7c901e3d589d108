import Configuration
import Datasets
import Foundation
import Support

/// Runs of one configuration with other values for some keys.
public struct Sweep {
  public struct Run: Equatable, Sendable {
    /// Of the keys that vary and their values: the run's directory below the sweep's.
    public let name: String
    /// `key=value`, as for `capstan train --set`.
    public let overrides: [String]
  }

  public let runs: [Run]
  private let configuration: String
  private let directory: String

  /// - Parameters:
  ///   - configuration: a YAML file.
  ///   - directory: under which each run gets one of its own.
  ///   - grid: `key=value,value`; all combinations are run.
  ///   - list: `key=value key=value`; each is run with every combination of the grid.
  ///   - common: `key=value`, for all runs.
  /// - Throws: `Failure.usage` when one of the runs cannot be, before any has begun.
  public init(
    configuration: String, directory: String, grid: [String], list: [String] = [], common: [String] = []
  ) throws {
    self.configuration = configuration
    self.directory = directory
    let axes = try grid.map(Self.axis)
    let items = list.isEmpty ? [[]] : list.map { $0.split(separator: " ").map(String.init) }
    let combinations = axes.reduce([[String]()]) { known, axis in
      known.flatMap { overrides in axis.map { overrides + [$0] } }
    }
    runs = items.flatMap { item in
      combinations.map { Run(name: Self.name(item + $0), overrides: common + item + $0) }
    }
    guard !axes.isEmpty || !list.isEmpty else {
      throw Failure.usage(
        "Nothing varies; give --over key=value,value for a grid or --run \"key=value key=value\" for each run."
      )
    }
    guard Set(runs.map(\.name)).count == runs.count else {
      throw Failure.usage("Two runs of the sweep are the same; give each value of a key and each --run once.")
    }
    let keys = Set((common + runs.flatMap(\.overrides)).map { $0.prefix { $0 != "=" } })
    guard !keys.contains("run.directory") else {
      throw Failure.usage(
        "run.directory is given, but each run of a sweep has its own below --directory; leave it out.")
    }
    for run in runs { _ = try Configuration(contentsOf: configuration, overrides: overrides(of: run)) }
  }

  public func directory(of run: Run) -> String { "\(directory)/\(run.name)" }

  private func overrides(of run: Run) -> [String] { run.overrides + ["run.directory=\(directory(of: run))"] }

  /// What starts a run, or goes on with it where it has begun; a finished one ends at once.
  public func arguments(for run: Run) -> [String] {
    ["train", configuration] + overrides(of: run).flatMap { ["--set", $0] } + ["--resume", "auto"]
  }

  private static func axis(_ text: String) throws -> [String] {
    let parts = text.split(separator: "=", maxSplits: 1)
    let values = parts.count == 2 ? parts[1].split(separator: ",") : []
    guard !values.isEmpty else {
      throw Failure.usage("--over \(text) gives no values; write --over key=value,value.")
    }
    return values.map { "\(parts[0])=\($0)" }
  }

  /// The last parts of the keys with their values, in characters that every file system and shell takes as they are.
  private static func name(_ overrides: [String]) -> String {
    overrides.map { override in
      let parts = override.split(separator: "=", maxSplits: 1)
      let key = parts[0].split(separator: ".").last ?? ""
      return ([key] + parts.dropFirst()).joined(separator: "-")
        .map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? String($0) : "-" }.joined()
    }.joined(separator: ",")
  }
}
