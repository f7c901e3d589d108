import ArgumentParser
import Datasets
import Essentials
import Foundation
import Storage

struct DataSynth: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synth",
    abstract: "Makes an embedding store of drawn scenes, to try things with.",
    discussion: """
      Draws scenes of two groups of coloured shapes ("two small red circles above a \
      large blue square"), embeds each picture by its colour and edge statistics, and \
      writes five captions of each. A tenth of the scenes is for validation (val) and a \
      tenth for test; no description of theirs occurs in training (train). The same \
      number of scenes and the same seed give the same file on every machine.

      Examples:
        capstan data synth --out data/scenes.h5
        capstan data synth --out few.h5 --scenes 200 --seed 7 --images pictures
      """
  )

  @Option(help: ArgumentHelp("The store to write.", valueName: "file.h5"), completion: .file())
  var out: String

  @Option(help: ArgumentHelp("How many scenes to draw, at least 10.", valueName: "n"))
  var scenes = SyntheticScenes.defaultCount

  @Option(help: ArgumentHelp("Another seed draws other scenes.", valueName: "s"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "A directory for the pictures, as PNG files named by image id; made where it does not exist.",
      valueName: "directory"), completion: .directory)
  var images: String?

  @Flag(help: "Write over an existing file, and into a directory that is not empty.")
  var force = false

  func run() throws {
    let files = FileManager.default
    guard force || !files.fileExists(atPath: out) else {
      throw Failure.usage("\(out) exists already; choose another name, or write over it with --force.")
    }
    if let images {
      let found = (try? files.contentsOfDirectory(atPath: images)) ?? []
      guard force || found.isEmpty else {
        throw Failure.usage("\(images) is not empty; choose another directory, or add to it with --force.")
      }
    }
    let synthetic = try SyntheticScenes(count: scenes, seed: seed)
    if let images { try DurableFile.makeDirectory(images) }
    let contents = try synthetic.contents { scene, picture in
      guard let images else { return }
      let png = try PNG.encode(pixels: picture.pixels, width: picture.width, height: picture.height)
      try write(png, to: "\(images)/\(scene.id).png")
    }
    try contents.write(to: out)
    print(
      "\(out): \(scenes) scenes with \(contents.captionTexts.count) captions, "
        + "in the splits train, val and test.")
  }

  /// Complete or absent, but not synced: pictures can be drawn again, and syncing thousands takes minutes.
  private func write(_ bytes: Data, to path: String) throws {
    do { try bytes.write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw Failure.runtime("Could not write \(path): \(error.localizedDescription) Free some space.")
    }
  }
}
