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
    module("Support", ["COpenSSL", "CSystem"]),
    module("Tensors", ["CBLAS", "CKernels", "Support"]),
    module("FileFormats", ["CHDF5", "CKernels", "CSnappy", "CZlib", "CZstd", "Support"]),
    module("Datasets", ["CKernels", "FileFormats", "Support", "Tensors"]),
    module("Text", ["FileFormats", "Support"]),
    module("Autograd", ["CKernels", "Support", "Tensors"]),
    module("Layers", ["Autograd", "Tensors"]),
    module("ConfigurationKeys", ["Support", yams]),
    module(
      "Models", ["Autograd", "CKernels", "ConfigurationKeys", "FileFormats", "Layers", "Support", "Tensors"]),
    module("Collectives", ["Autograd", "CKernels", "CMPI", "Support", "Tensors"]),
    module("Optimization", ["Autograd", "CKernels", "Tensors"]),
    module(
      "Captioning",
      ["Autograd", "CKernels", "Collectives", "Datasets", "Layers", "Models", "Support", "Tensors", "Text"]),
    module("Metrics", ["Support", "Tensors", "Text"]),
    module("Objectives", ["Autograd", "Models"]),

    module(
      "Configuration",
      ["Autograd", "ConfigurationKeys", "Models", "Objectives", "Optimization", "Support", "Tensors", yams]),
    module(
      "Batching",
      [
        "CKernels", "Captioning", "Collectives", "Configuration", "Datasets", "Models", "Support", "Tensors",
        "Text",
      ]),
    module(
      "Runs",
      [
        "Autograd", "Captioning", "Collectives", "Configuration", "Datasets", "FileFormats", "Models",
        "Optimization", "Support", "Tensors", "Text", logging,
      ]),
    module(
      "Training",
      [
        "Autograd", "Batching", "Captioning", "Collectives", "Configuration", "Datasets", "FileFormats",
        "Metrics", "Models", "Objectives", "Optimization", "Runs", "Support", "Tensors", "Text", logging,
      ]),
    module("Doctor", ["Collectives", "Datasets", "FileFormats", "Support", "Tensors"]),
    module("Sweeps", ["Configuration", "Datasets", "Runs", "Support"]),
    module(
      "Interchange", ["Autograd", "Datasets", "FileFormats", "Models", "Runs", "Support", "Text", "Training"]),
    module(
      "Benchmarking",
      [
        "Autograd", "Batching", "CKernels", "Captioning", "Collectives", "Configuration", "Datasets",
        "Models", "Optimization", "Support", "Tensors", "Text", "Training",
      ]),
    module(
      "Reporting",
      [
        "Configuration", "ConfigurationKeys", "Datasets", "FileFormats", "Metrics", "Runs", "Support",
        "Training",
      ]),
    .executableTarget(
      name: "capstan",
      dependencies: [
        "Benchmarking", "Captioning", "Collectives", "Configuration", "Datasets", "Doctor", "FileFormats",
        "Interchange", "Metrics", "Models", "Reporting", "Runs", "Support", "Sweeps", "Tensors", "Text",
        "Training", arguments,
      ]),

    // Run under mpirun by Tests/MultiRank/run: MPI starts once per process, so these are programs, not unit tests.
    .executableTarget(
      name: "multirank-tests", dependencies: ["Autograd", "Collectives", "Support", "Tensors"],
      path: "Tests/MultiRank", exclude: ["run"]),
    // Damages files at random and has them read, a million times; a program, for it restarts what crashes.
    .target(name: "Fuzzing", path: "Tests/Fuzzing"),
    .executableTarget(
      name: "fuzz",
      dependencies: ["CZlib", "Datasets", "Support", "Fuzzing", "FileFormats", "Models", "Text", arguments],
      path: "Tests/Fuzz",
      exclude: ["Corpus"]),
    // Breaks runs of capstan on purpose; a program, for it starts mpirun and outlives what it starts.
    .executableTarget(
      name: "crash-tests", dependencies: ["Support", "Fuzzing", arguments], path: "Tests/CrashMatrix"),
    tests("SupportTests", ["Support"]),
    tests("CKernelsTests", ["CKernels", "Tensors"]),
    tests("TextTests", ["Support", "Text"], golden: true),
    tests("FileFormatsTests", ["CKernels", "CZlib", "FileFormats", "Fuzzing", "Support"], golden: true),
    tests("TensorsTests", ["CKernels", "Support", "Tensors"]),
    tests("AutogradTests", ["Autograd", "Tensors"]),
    tests("LayersTests", ["Autograd", "FileFormats", "Layers", "Tensors"], golden: true),
    tests("CollectivesTests", ["Autograd", "Collectives", "Support", "Tensors"]),
    .testTarget(name: "FuzzTests", dependencies: ["fuzz"], exclude: ["Hostile"]),
    tests(
      "DatasetsTests", ["Datasets", "FileFormats", "Fuzzing", "Support", "Tensors", "capstan"], golden: true),
    tests(
      "CaptioningTests", ["Autograd", "Captioning", "FileFormats", "Models", "Support", "Tensors"],
      golden: true),
    tests("MetricsTests", ["Metrics", "Support"], golden: true),
    tests(
      "ModelsTests",
      ["Autograd", "FileFormats", "Models", "Objectives", "Optimization", "Support", "Tensors"], golden: true
    ),
    tests("DoctorTests", ["Collectives", "Doctor", "Support"]),
    tests("BatchingTests", ["Batching", "Datasets", "Tensors"]),
    tests("RunsTests", ["Runs", "Support"]),
    tests("OptimizationTests", ["Autograd", "Optimization", "Tensors"]),
    tests(
      "TrainingTests",
      [
        "Autograd", "Batching", "Captioning", "Collectives", "Configuration", "ConfigurationKeys", "Datasets",
        "FileFormats", "Metrics", "Models", "Runs", "Support", "Sweeps", "Tensors", "Text", "Training",
      ], golden: true),
    tests(
      "InterchangeTests",
      [
        "Autograd", "Configuration", "FileFormats", "Interchange", "Models", "Runs", "Support", "Tensors",
        "Text", "Training",
      ],
      golden: true),
    tests(
      "BenchmarkingTests", ["Benchmarking", "Collectives", "Configuration", "Models", "Tensors", "Training"]),
    tests("ReportingTests", ["Reporting", "Support", "Training"]),
  ],
  swiftLanguageModes: [.v6]
)
