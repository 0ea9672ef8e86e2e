namespace Tributary.Storage.Selection;

/// <summary>Collects warnings, each once. Safe for several threads.</summary>
internal sealed class WarningList
{
    private readonly SortedSet<string> warnings = new(StringComparer.Ordinal);

    /// <summary>All, in the order of their texts.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (warnings)
            {
                return [.. warnings];
            }
        }
    }

    public void Add(string warning)
    {
        lock (warnings)
        {
            warnings.Add(warning);
        }
    }
}
