import ArgumentParser
import Datasets
import FileFormats
import Support

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
      "A directory for the pictures, as PNG files named by image id; nothing else may be in it.",
      valueName: "directory"), completion: .directory)
  var images: String?

  @Flag(help: "Replaces the file, and the directory of the pictures.")
  var force = false

  func run() throws {
    try OutputPlace.requireFile(out, replacing: force)
    if let images {
      try OutputPlace.requireDirectory(images, option: "--images", replacing: force) {
        $0.hasSuffix(Self.suffix)
      }
    }
    let synthetic = try SyntheticScenes(count: scenes, seed: seed)
    let captions =
      try images.map {
        // Pictures can be drawn again, and syncing thousands takes minutes.
        try DurableFile.writeDirectory(to: $0, syncing: false) { try write(synthetic, picturesTo: $0) }
      } ?? write(synthetic, picturesTo: nil)
    print("\(out): \(scenes) scenes with \(captions) captions, in the splits train, val and test.")
  }

  /// - Returns: the number of captions.
  private func write(_ synthetic: SyntheticScenes, picturesTo directory: String?) throws -> Int {
    let contents = try synthetic.contents { scene, picture in
      guard let directory else { return }
      let png = try PNG.encode(pixels: picture.pixels, width: picture.width, height: picture.height)
      let file = try OutputFile(creating: "\(directory)/\(scene.id)\(Self.suffix)")
      try file.write(png)
      try file.close()
    }
    try contents.write(to: out)
    return contents.captionTexts.count
  }

  /// Of the pictures' names.
  private static let suffix = ".png"
}
