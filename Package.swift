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

    // The way of the data, from the bottom up: a module imports only modules that stand above it here.
    .target(name: "CKernels", cSettings: kernelFlags),
    module("Essentials", ["CSystem", "COpenSSL"]),
    module("Text", ["Essentials"]),
    module("Storage", ["Essentials", "CHDF5", "CSnappy", "CZlib", "CZstd", "CKernels"]),
    module("Tensors", ["Essentials", "CKernels", "CBLAS"]),
    module("Autograd", ["Tensors"]),
    module("Layers", ["Autograd"]),
    module("Models", ["Layers", "Storage", "Text"]),
    module("Datasets", ["Storage", "Text", "Tensors", "CKernels"]),
    module("Collectives", ["Tensors", "CMPI"]),
    module("Optimization", ["Models"]),
    module("Captioning", ["Models", "Datasets", "Collectives"]),
    module("Metrics", ["Datasets"]),
    module("Training", ["Optimization", "Captioning", "Metrics", yams, logging]),
    module("Interchange", ["Training"]),
    module("Benchmarking", ["Training"]),
    module("Reporting", ["Training"]),
    .executableTarget(
      name: "capstan", dependencies: ["Benchmarking", "Interchange", "Metrics", "Reporting", arguments]),

    // Run under mpirun by Tests/MultiRank/run: MPI starts once per process, so these are programs, not unit tests.
    .executableTarget(
      name: "multirank-tests", dependencies: ["Collectives"], path: "Tests/MultiRank", exclude: ["run"]),
    // Damages files at random and has them read, a million times; a program, for it restarts what crashes.
    .target(name: "Fuzzing", path: "Tests/Fuzzing"),
    .executableTarget(
      name: "fuzz", dependencies: ["Fuzzing", "Datasets", "Text", "CZlib", arguments], path: "Tests/Fuzz",
      exclude: ["Corpus"]),
    // Breaks runs of capstan on purpose; a program, for it starts mpirun and outlives what it starts.
    .executableTarget(
      name: "crash-tests", dependencies: ["Essentials", "Fuzzing", arguments], path: "Tests/CrashMatrix"),
    tests("EssentialsTests", ["Essentials"]),
    tests("CKernelsTests", ["CKernels", "Tensors"]),
    tests("TextTests", ["Text"], golden: true),
    tests("StorageTests", ["Storage", "CKernels", "Fuzzing"], golden: true),
    tests("TensorsTests", ["Tensors", "CKernels"]),
    tests("AutogradTests", ["Autograd"]),
    tests("CollectivesTests", ["Collectives"]),
    .testTarget(name: "FuzzTests", dependencies: ["fuzz"], exclude: ["Hostile"]),
    tests("DatasetsTests", ["Datasets", "Fuzzing", "capstan"], golden: true),
    tests("CaptioningTests", ["Captioning"], golden: true),
    tests("MetricsTests", ["Metrics"], golden: true),
    tests("ModelsTests", ["Optimization"], golden: true),
    tests("OptimizationTests", ["Optimization"]),
    tests("TrainingTests", ["Training"], golden: true),
    tests("InterchangeTests", ["Interchange"], golden: true),
    tests("BenchmarkingTests", ["Benchmarking"]),
    tests("ReportingTests", ["Reporting"]),
  ],
  swiftLanguageModes: [.v6]
)
