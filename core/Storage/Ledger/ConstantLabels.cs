using System.Text;
using Tributary.Model;

namespace Tributary.Storage.Ledger;

/// <summary>The labels that all series of a source have with one value.</summary>
internal static class ConstantLabels
{
    /// <summary>Labels beyond so many bytes are not kept: fewer only mean more queries that may touch the source.</summary>
    private const int MaxBytes = 4096;

    /// <summary>What is equal in all of them; nothing when there are none.</summary>
    public static LabelSet Of(SeriesList series)
    {
        var all = series.Span;
        if (all.Length == 0)
        {
            return LabelSet.Empty;
        }
        var common = all[0].Labels.ToArray();
        var count = common.Length;
        for (var i = 1; i < all.Length && count > 0; i++)
        {
            var kept = 0;
            for (var j = 0; j < count; j++)
            {
                if (string.Equals(all[i].Get(common[j].Name), common[j].Value, StringComparison.Ordinal))
                {
                    common[kept++] = common[j];
                }
            }
            count = kept;
        }
        return Within(common.AsSpan(0, count));
    }

    private static LabelSet Within(ReadOnlySpan<Label> labels)
    {
        var kept = new List<Label>();
        var bytes = 0;
        foreach (var label in labels)
        {
            bytes += Encoding.UTF8.GetByteCount(label.Name) + Encoding.UTF8.GetByteCount(label.Value);
            if (bytes > MaxBytes)
            {
                break;
            }
            kept.Add(label);
        }
        return LabelSet.FromSorted([.. kept]);
    }
}
