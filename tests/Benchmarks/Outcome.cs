namespace Tributary.Benchmarks;

/// <summary>What a scenario measured, or why it could not.</summary>
internal sealed record Outcome<T>(T? Value, string? Problem)
{
    /// <summary>One figure of it, or null.</summary>
    public double? Figure(Func<T, double> select) => Problem is null && Value is not null ? select(Value) : null;
}
