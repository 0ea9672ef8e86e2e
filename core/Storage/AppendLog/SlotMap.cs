namespace Tributary.Storage.AppendLog;

/// <summary>Something per slot: per source, columns of the body or added ones, slice.</summary>
internal sealed class SlotMap<T>
    where T : class
{
    private readonly Dictionary<string, List<T?>> sources = new(StringComparer.Ordinal);

    /// <summary>All there is.</summary>
    public IEnumerable<T> Values => sources.Values.SelectMany(slots => slots).OfType<T>();

    /// <summary>Forgets all slots of a source.</summary>
    /// <returns>What belonged to them.</returns>
    public IEnumerable<T> Remove(string source) => sources.Remove(source, out var slots) ? slots.OfType<T>() : [];

    /// <summary>What belongs to a slot; made at its first use.</summary>
    public T Of(string source, bool added, int slice, Func<T> make)
    {
        if (!sources.TryGetValue(source, out var slots))
        {
            sources.Add(source, slots = []);
        }
        // Added columns are a slice at most, as a rule: they come first.
        var index = added ? 2 * slice : (2 * slice) + 1;
        while (slots.Count <= index)
        {
            slots.Add(null);
        }
        return slots[index] ??= make();
    }
}
