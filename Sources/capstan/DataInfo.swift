import ArgumentParser
import Datasets
import FileFormats
import Foundation
import Support

struct DataInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Describes embedding stores and checks their contents.",
    discussion: """
      Opens each store, which checks its form, and reads all embeddings once. Images whose \
      embeddings look wrong are named: NaN or infinity, nothing but zeros, not of unit length \
      although the store says so, the same embedding as another image. With the first and \
      the third the exit code is 65, as with a file that is no store, of which it is said what \
      it looks like and how to make a store of it.

      Examples:
        capstan data info data/flickr8k.h5
        capstan data info --sample 10 data/flickr8k.h5
        capstan data info --json data/*.h5
      """
  )

  @Argument(help: "Embedding stores.", completion: .file())
  var files: [String]

  @Option(
    help: ArgumentHelp("How many captions to show beside their images, evenly from all.", valueName: "n"))
  var sample = 1

  @Flag(help: "Print a JSON array with an object for each file.")
  var json = false

  func validate() throws {
    guard sample >= 0 else { throw ValidationError("--sample is \(sample); give it a number from 0 on.") }
  }

  func run() throws {
    let summaries = try files.map { try EmbeddingStoreSummary(of: store($0), sample: sample) }
    if json {
      try printJSON(summaries)
    } else {
      print(summaries.map(\.text).joined(separator: "\n\n"))
    }
    let failures = summaries.compactMap(\.failure)
    for failure in failures.dropLast() { failure.report() }
    if let last = failures.last { throw last }
  }
}

extension DataInfo {
  /// - Throws: `Failure.badData` where the file is no store. Of another HDF5 file its content is printed before.
  private func store(_ path: String) throws -> EmbeddingStore {
    do { return try EmbeddingStore(path: path) } catch let failure as Failure {
      guard HDF5File.isHDF5(path) else { throw failure }
      let file = try ForeignHDF5(path: path, program: HDF5Child.thisProgram)
      guard !file.isStore else { throw failure }
      print("\(path)\n\(file.table)")
      throw Failure.badData("\(path) is an HDF5 file but not an embedding store; \(file.advice).")
    }
  }
}

extension EmbeddingStoreSummary {
  /// For people: the path, and a line for each property.
  fileprivate var text: String {
    let shape = positions.map { "\($0) × \(width)" } ?? "\(width)"
    let finite = finiteFraction == 1 ? "all finite" : String(format: "%.4f %% finite", 100 * finiteFraction)
    let norm = meanNorm.map { String(format: "mean %.4f", $0) } ?? "none"
    let perImage = captionsPerImage
    let lines =
      [
        ("schema", "\(schema), version \(version)"),
        ("encoder", encoder),
        ("source", source),
        ("embeddings", "\(counted(rows, "row")) of \(shape), \(elementType), \(finite)"),
        ("norm", "\(norm); \(normalization)"),
        (
          "captions",
          "\(captions), \(perImage.least) to \(perImage.most) per image, mean "
            + String(format: "%.2f", perImage.mean)
        ),
      ]
      + splits.map {
        ("split", "\($0.name): \(counted($0.rows, "row")), \(counted($0.captions, "caption"))")
      }
      + pairs.map { ("sample", "\($0)") } + suspectLines
    return lines.reduce(path) { text, line in
      text + "\n  " + line.0.padding(toLength: 17, withPad: " ", startingAt: 0) + line.1
    }
  }

  private var suspectLines: [(String, String)] {
    let lists = [
      ("not finite", suspects.notFinite), ("zero", suspects.zero),
      ("not of length 1", suspects.notUnitLength),
      ("identical", suspects.identical.map { $0.joined(separator: " = ") }),
    ]
    return lists.filter { !$0.1.isEmpty }.map { ($0.0, "\($0.1.count): \($0.1.firstFew)") }
  }

  private var normalization: String {
    switch (normalized, isUnitLength) {
    case (true, true): "normalized, as the file says"
    case (false, false): "not normalized, as the file says"
    case (true, false): "NOT normalized, although the file says so"
    case (false, true): "normalized, although the file does not say so"
    }
  }
}
