namespace Tributary.Benchmarks.Workload;

/// <summary>How the values of a series move.</summary>
internal enum ValueKind : byte
{
    Constant,
    Bucket,
    Counter,
    SecondsCounter,
    Rule,
    Bytes,
    Small,
}
