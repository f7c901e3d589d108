// swift-tools-version: 6.1
import PackageDescription

/// The hot loops are C: they are optimised in debug builds too, or the tests would crawl. Contraction is off so
/// that a sum has the same bits in every instruction set's copy of a kernel.
let kernelFlags: [CSetting] = [.unsafeFlags(["-O3", "-ffp-contract=off", "-fno-math-errno", "-Wno-psabi"])]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies)
}

/// `golden` tells that the tests have a folder of files that other programs made.
func tests(_ name: String, _ dependencies: [Target.Dependency], golden: Bool = false) -> Target {
  .testTarget(name: name, dependencies: dependencies, resources: golden ? [.copy("Golden")] : [])
}

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "capstan",
  products: [.executable(name: "capstan", targets: ["capstan"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    // System libraries: a module map, and the macros that Swift cannot import.
    .systemLibrary(name: "CMPI", pkgConfig: "mpi-c", providers: [.apt(["libopenmpi-dev", "openmpi-bin"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
    .systemLibrary(name: "CSystem"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

    // The data flow, from the bottom up: a module declares all that it imports, and imports only what stands above it
    // here. Tests/Structure/run checks both.
    .target(name: "CKernels", cSettings: kernelFlags),
    module("Essentials", ["CSystem", "COpenSSL"]),
    module("Tensors", ["CBLAS", "CKernels", "Essentials"]),
    module("Storage", ["CHDF5", "CKernels", "CSnappy", "CZlib", "CZstd", "Essentials"]),
    module("Datasets", ["CKernels", "Essentials", "Storage", "Tensors"]),
    module("Text", ["Essentials"]),
    module("Autograd", ["CKernels", "Tensors"]),
    module("Layers", ["Autograd", "Tensors"]),
    module("Models", ["Autograd", "CKernels", "Essentials", "Layers", "Storage", "Tensors"]),
    module("Collectives", ["CKernels", "CMPI", "Essentials", "Tensors"]),
    module("Optimization", ["Autograd", "CKernels", "Tensors"]),
    module(
      "Captioning",
      ["Autograd", "CKernels", "Collectives", "Datasets", "Essentials", "Models", "Tensors", "Text"]),
    module("Metrics", ["Essentials", "Tensors", "Text"]),
    module(
      "Training",
      [
        "Autograd", "CKernels", "Captioning", "Collectives", "Datasets", "Essentials", "Metrics", "Models",
        "Optimization", "Storage", "Tensors", "Text", logging, yams,
      ]),
    module(
      "Interchange", ["Autograd", "Datasets", "Essentials", "Models", "Storage", "Text", "Training"]),
    module(
      "Benchmarking",
      [
        "Autograd", "CKernels", "Captioning", "Collectives", "Datasets", "Essentials", "Models",
        "Optimization",
        "Tensors", "Text", "Training",
      ]),
    module("Reporting", ["Datasets", "Essentials", "Metrics", "Storage", "Training"]),
    .executableTarget(
      name: "capstan",
      dependencies: [
        "Benchmarking", "Captioning", "Collectives", "Datasets", "Essentials", "Interchange", "Metrics",
        "Models",
        "Reporting", "Storage", "Tensors", "Text", "Training", arguments,
      ]),

    // Run under mpirun by Tests/MultiRank/run: MPI starts once per process, so these are programs, not unit tests.
    .executableTarget(
      name: "multirank-tests", dependencies: ["Collectives", "Essentials", "Tensors"],
      path: "Tests/MultiRank", exclude: ["run"]),
    // Damages files at random and has them read, a million times; a program, for it restarts what crashes.
    .target(name: "Fuzzing", path: "Tests/Fuzzing"),
    .executableTarget(
      name: "fuzz",
      dependencies: ["CZlib", "Datasets", "Essentials", "Fuzzing", "Storage", "Text", arguments],
      path: "Tests/Fuzz",
      exclude: ["Corpus"]),
    // Breaks runs of capstan on purpose; a program, for it starts mpirun and outlives what it starts.
    .executableTarget(
      name: "crash-tests", dependencies: ["Essentials", "Fuzzing", arguments], path: "Tests/CrashMatrix"),
    tests("EssentialsTests", ["Essentials"]),
    tests("CKernelsTests", ["CKernels", "Tensors"]),
    tests("TextTests", ["Essentials", "Text"], golden: true),
    tests("StorageTests", ["CKernels", "CZlib", "Essentials", "Fuzzing", "Storage"], golden: true),
    tests("TensorsTests", ["CKernels", "Essentials", "Tensors"]),
    tests("AutogradTests", ["Autograd", "Tensors"]),
    tests("LayersTests", ["Autograd", "Layers", "Storage", "Tensors"], golden: true),
    tests("CollectivesTests", ["Collectives", "Essentials", "Tensors"]),
    .testTarget(name: "FuzzTests", dependencies: ["fuzz"], exclude: ["Hostile"]),
    tests(
      "DatasetsTests", ["capstan", "Datasets", "Essentials", "Fuzzing", "Storage", "Tensors"], golden: true),
    tests("CaptioningTests", ["Autograd", "Captioning", "Models", "Storage", "Tensors"], golden: true),
    tests("MetricsTests", ["Essentials", "Metrics"], golden: true),
    tests(
      "ModelsTests", ["Autograd", "Essentials", "Models", "Optimization", "Storage", "Tensors"], golden: true),
    tests("OptimizationTests", ["Autograd", "Optimization", "Tensors"]),
    tests(
      "TrainingTests",
      [
        "Autograd", "Captioning", "Collectives", "Datasets", "Essentials", "Metrics", "Models", "Storage",
        "Tensors", "Text", "Training",
      ], golden: true),
    tests(
      "InterchangeTests",
      ["Autograd", "Essentials", "Interchange", "Models", "Storage", "Tensors", "Text", "Training"],
      golden: true),
    tests("BenchmarkingTests", ["Benchmarking", "Collectives", "Models", "Tensors", "Training"]),
    tests("ReportingTests", ["Essentials", "Reporting", "Training"]),
  ],
  swiftLanguageModes: [.v6]
)
