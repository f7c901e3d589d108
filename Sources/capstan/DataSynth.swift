import ArgumentParser
import Datasets
import Essentials
import Foundation
import Tensors

struct DataSynth: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synth",
    abstract: "Draws scenes of coloured shapes and writes their embeddings and captions as a store.",
    discussion: """
      A scene shows two groups of like shapes, such as “two small red circles above a large blue square”, in a \
      picture of 64×64. Its embedding is computed from the pixels by a fixed extractor, a stand-in for an image \
      encoder. Each scene has five captions; no description of one split (train, val, test) occurs in another.

      Example:
        capstan data synth --out data/scenes.h5 --scenes 5000 --images data/scenes
      """)

  @Option(help: ArgumentHelp("The store to write.", valueName: "file.h5"))
  var out: String

  @Option(help: ArgumentHelp("Scenes to draw.", valueName: "number"))
  var scenes = 6000

  @Option(help: ArgumentHelp("What all random choices are drawn by.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Writes the pictures as PNG files, too.", valueName: "directory"))
  var images: String?

  @Flag(help: "Replaces the store if it is there.")
  var force = false

  func run() throws {
    guard force || !FileManager.default.fileExists(atPath: out) else {
      throw Failure.usage("\(out) is there already; choose another name, or replace it by --force.")
    }
    let set = try SyntheticScenes(count: scenes, seed: seed)
    let contents = set.contents(on: try Backend(threads: Affinity.current.cores))
    try contents.write(to: out)
    if let images { try set.writePictures(to: images) }
    print("\(out): \(contents.imageIDs.count) scenes with \(contents.captionTexts.count) captions")
  }
}
