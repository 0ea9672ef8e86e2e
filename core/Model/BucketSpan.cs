namespace Tributary.Model;

/// <summary>A run of consecutive buckets of a native histogram.</summary>
/// <param name="Offset">
/// Of the first span: the index of its first bucket. Of any other: how many buckets are left out behind the span before;
/// not negative.
/// </param>
/// <param name="Length">How many buckets it has; 0 is allowed, negative is not.</param>
public readonly record struct BucketSpan(int Offset, int Length);
