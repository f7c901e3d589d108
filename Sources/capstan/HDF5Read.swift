import ArgumentParser
import Datasets

/// Not for people: what `data import` and `data info` start to have HDF5's library read a file of others.
struct HDF5Read: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: HDF5Child.command, abstract: "Reads an HDF5 file for another command.", shouldDisplay: false)

  @Argument var file: String
  @Option var out: String
  @Option var dataset: [String] = []
  @Option var rows: String?

  func run() throws { try HDF5Child.answer(file: file, folder: out, datasets: dataset, rows: rows) }
}
