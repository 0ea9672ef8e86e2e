namespace Tributary.Stores;

/// <summary>The time in which somebody pays; its end makes whoever paid before pay again.</summary>
public readonly struct PayerScope : IDisposable
{
    private readonly Payers? before;

    internal PayerScope(Payers? before) => this.before = before;

    /// <summary>Ends it.</summary>
    public void Dispose() => Payers.Restore(before);
}
