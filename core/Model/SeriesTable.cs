namespace Tributary.Model;

/// <summary>Makes equal label sets one object. Safe for several threads; generations as in <see cref="LabelTable"/>.</summary>
public sealed class SeriesTable
{
    private readonly Lock gate = new();
    private HashSet<LabelSet> young = [];
    private HashSet<LabelSet> old = [];

    /// <summary>The labels that the sets are made of.</summary>
    public LabelTable Labels { get; } = new();

    /// <summary>The shared set equal to <paramref name="labels"/>.</summary>
    public LabelSet Intern(LabelSet labels)
    {
        lock (gate)
        {
            if (young.TryGetValue(labels, out var found))
            {
                return found;
            }
            if (old.TryGetValue(labels, out found))
            {
                old.Remove(found);
                young.Add(found);
                return found;
            }
            young.Add(labels);
            return labels;
        }
    }

    /// <summary>Forgets the sets and labels that were not asked for since the last call.</summary>
    public void Age()
    {
        lock (gate)
        {
            old = young;
            young = [];
        }
        Labels.Age();
    }
}
