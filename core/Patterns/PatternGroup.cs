namespace Tributary.Patterns;

/// <summary>A group that is still open: its finished branches and the parts of the branch being read.</summary>
internal sealed class PatternGroup(PatternFlags flagsAfter, int capture, string? name)
{
    private readonly List<PatternNode> branches = [];
    private readonly List<PatternNode> parts = [];

    /// <summary>The flags that hold behind the group.</summary>
    public PatternFlags FlagsAfter { get; } = flagsAfter;

    /// <summary>Its number; 0 when it does not capture.</summary>
    public int Capture { get; } = capture;

    public string? Name { get; } = name;

    public void Add(PatternNode part) => parts.Add(part);

    /// <summary>Takes back the last part of the branch; null when it has none.</summary>
    public PatternNode? TakeLast()
    {
        if (parts.Count == 0)
        {
            return null;
        }
        var last = parts[^1];
        parts.RemoveAt(parts.Count - 1);
        return last;
    }

    public void NextBranch()
    {
        branches.Add(Join(parts));
        parts.Clear();
    }

    public PatternNode Close()
    {
        NextBranch();
        return branches.Count == 1 ? branches[0] : new PatternNode.Alternate(branches);
    }

    /// <summary>The parts as one node; literals that follow each other become one.</summary>
    private static PatternNode Join(List<PatternNode> parts)
    {
        var joined = new List<PatternNode>();
        for (var i = 0; i < parts.Count; )
        {
            var end = i;
            while (end < parts.Count && parts[end] is PatternNode.Literal)
            {
                end++;
            }
            if (end - i > 1)
            {
                joined.Add(
                    new PatternNode.Literal(string.Concat(parts[i..end].Select(p => ((PatternNode.Literal)p).Text)))
                );
                i = end;
            }
            else
            {
                joined.Add(parts[i++]);
            }
        }
        return joined.Count switch
        {
            0 => new PatternNode.Empty(),
            1 => joined[0],
            _ => new PatternNode.Concat(joined),
        };
    }
}
