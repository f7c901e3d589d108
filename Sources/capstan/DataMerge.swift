import ArgumentParser
import Datasets
import Support

struct DataMerge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Joins embedding stores into one.",
    discussion: """
      The stores must agree in encoder, normalisation, width and positions. Images come in \
      the order given. An image that several stores have with the same embedding, captions \
      and split is taken once; where it differs, that is an error. Half precision stays half \
      unless another store has single.

      Examples:
        capstan data merge train.h5 val.h5 test.h5 --out coco.h5
        capstan data merge 'shards/*.h5' --keep-first --out all.h5
      """
  )

  @Argument(help: "Embedding stores, or patterns of them.", completion: .file())
  var stores: [String]

  @Option(help: ArgumentHelp("The store to write.", valueName: "file.h5"), completion: .file())
  var out: String

  @Flag(help: "Where an image differs between stores, take the first; otherwise that is an error.")
  var keepFirst = false

  @OptionGroup var output: DataOutput

  func run() throws {
    try output.requirePlace(out)
    let stores = try EmbeddingStore.files(matching: stores).map(EmbeddingStore.init(path:))
    let (selection, report) = try StoreSelection.merging(stores, keepsFirst: keepFirst)
    try selection.write(to: out)
    try output.tell(report, of: out)
  }
}
