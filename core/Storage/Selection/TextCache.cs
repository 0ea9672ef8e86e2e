using System.Globalization;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Manifest;

namespace Tributary.Storage.Selection;

/// <summary>Label names, or values of a label, of some blocks together, those that were asked for last. Safe for several threads.</summary>
/// <remarks>Blocks never change, so an answer holds for as long as the same blocks are asked.</remarks>
internal sealed class TextCache
{
    private const int MaxAnswers = 64;
    private const int MaxSelectorLength = 1024;
    private const long MaxBytes = 16 * 1024 * 1024;

    private readonly Lock gate = new();
    private readonly LinkedList<(string Key, SortedTexts Texts)> byUse = [];
    private readonly Dictionary<string, LinkedListNode<(string Key, SortedTexts Texts)>> known = new(
        StringComparer.Ordinal
    );
    private long usedBytes;

    /// <summary>What an answer is known by; null when that is too long to be kept.</summary>
    /// <param name="name">The label; null for the names.</param>
    /// <param name="selectors">Which series; empty for all.</param>
    /// <param name="blocks">The blocks.</param>
    public static string? KeyOf(string? name, IReadOnlyList<VectorSelector> selectors, IEnumerable<BlockRow> blocks)
    {
        var asked = string.Concat(selectors);
        return asked.Length > MaxSelectorLength
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{string.Join(' ', blocks.Select(row => row.Block.Ulid))}={name?.Length ?? -1}:{name}{asked}"
            );
    }

    /// <summary>A known answer, or null.</summary>
    public SortedTexts? Find(string key)
    {
        lock (gate)
        {
            if (!known.TryGetValue(key, out var node))
            {
                return null;
            }
            byUse.Remove(node);
            byUse.AddLast(node);
            return node.Value.Texts;
        }
    }

    /// <summary>Keeps an answer.</summary>
    public void Add(string key, SortedTexts texts)
    {
        lock (gate)
        {
            Remove(key);
            if (texts.Bytes > MaxBytes)
            {
                return;
            }
            known.Add(key, byUse.AddLast((key, texts)));
            usedBytes += texts.Bytes;
            while (usedBytes > MaxBytes || known.Count > MaxAnswers)
            {
                Remove(byUse.First!.Value.Key);
            }
        }
    }

    private void Remove(string key)
    {
        if (known.Remove(key, out var node))
        {
            byUse.Remove(node);
            usedBytes -= node.Value.Texts.Bytes;
        }
    }
}

/// <summary>Texts in the order of their bytes, each once.</summary>
internal sealed class SortedTexts
{
    private const int TextBytes = 64;

    private readonly HashSet<string> set;

    /// <summary>Sorts texts.</summary>
    public SortedTexts(IEnumerable<string> texts)
    {
        set = new HashSet<string>(texts, StringComparer.Ordinal);
        var sorted = set.ToArray();
        Array.Sort(sorted, Utf8Order.Compare);
        Sorted = sorted;
        Bytes = sorted.Sum(text => TextBytes + (2L * text.Length));
    }

    /// <summary>The texts.</summary>
    public IReadOnlyList<string> Sorted { get; }

    /// <summary>About how much memory they take.</summary>
    public long Bytes { get; }

    /// <summary>These and others, in order; these themselves when there are no others.</summary>
    public IReadOnlyList<string> With(IEnumerable<string> others)
    {
        HashSet<string>? added = null;
        foreach (var text in others)
        {
            if (!set.Contains(text))
            {
                (added ??= new HashSet<string>(StringComparer.Ordinal)).Add(text);
            }
        }
        if (added is null)
        {
            return Sorted;
        }
        var all = new List<string>(Sorted.Count + added.Count);
        all.AddRange(Sorted);
        all.AddRange(added);
        all.Sort(Utf8Order.Compare);
        return all;
    }
}
