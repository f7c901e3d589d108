import ArgumentParser
import Datasets
import Support

struct DataExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Exports an embedding store for other programs.",
    discussion: """
      The format follows from the file's name, or by --format:

      - clipcap (.pkl): ClipCap's pickle, for its train.py. Images without captions are \
      left out.

      - npz (.npz): arrays image_ids and embeddings, for numpy.

      - coco (.json): captions as COCO has them, images and annotations.

      - karpathy (dataset_*.json): captions and splits as Karpathy has them.

      Half precision stays half. `capstan data import` reads each back, bit by bit.

      Examples:
        capstan data export coco.h5 --split train --out coco_train.pkl
        capstan data export flickr8k.h5 --out flickr8k.npz
        capstan data export flickr8k.h5 --out dataset_flickr8k.json
        capstan data export coco.h5 --split val --out captions_val.json
      """
  )

  @Argument(help: "An embedding store.", completion: .file())
  var store: String

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
  var out: String

  @Option(help: ArgumentHelp("clipcap, npz, coco or karpathy.", valueName: "format"))
  var format: ExportFormat?

  @Option(help: ArgumentHelp("Only the images of this split.", valueName: "name"))
  var split: String?

  @OptionGroup var output: DataOutput

  func run() throws {
    guard let format = format ?? ExportFormat(path: out) else {
      throw Failure.usage(
        "\(out) ends on none of .pkl, .npz and .json; name the form with --format clipcap, npz, coco or karpathy."
      )
    }
    try output.requirePlace(out)
    var selection = try StoreSelection(of: EmbeddingStore(path: store))
    if let split { selection = try selection.keeping(split: split) }
    try output.tell(selection.export(as: format, to: out), of: out)
  }
}

extension ExportFormat: ExpressibleByArgument {}
