using Tributary.Model;
using Tributary.Patterns;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Evaluation;

/// <summary><c>label_replace</c> and <c>label_join</c>: other labels, the same values.</summary>
internal static class LabelFunctions
{
    /// <summary><c>label_replace(v, destination, replacement, source, pattern)</c></summary>
    /// <exception cref="QueryException">The pattern or the name of the destination is not valid.</exception>
    public static VectorPlan Replace(CallExpression call, VectorPlan vector)
    {
        var (destination, replacement) = (TextOf(call, 1), TextOf(call, 2));
        var (source, pattern) = (TextOf(call, 3), TextOf(call, 4));
        PatternExpansion expansion;
        try
        {
            expansion = new PatternExpansion(RePattern.Parse(pattern), ReplacementTemplate.Parse(replacement));
        }
        catch (PatternException e)
        {
            throw new QueryException(
                QueryFailure.Execution,
                $"invalid regular expression in label_replace(): {pattern}",
                e
            );
        }
        CheckName(destination, "destination", "label_replace");
        return Plan(
            vector,
            destination,
            labels => expansion.TryExpand(labels.Get(source) ?? "", out var value) ? value : null
        );
    }

    /// <summary><c>label_join(v, destination, separator, source…)</c></summary>
    /// <exception cref="QueryException">A label name is not valid.</exception>
    public static VectorPlan Join(CallExpression call, VectorPlan vector)
    {
        var (destination, separator) = (TextOf(call, 1), TextOf(call, 2));
        string[] sources = [.. Enumerable.Range(3, call.Arguments.Count - 3).Select(i => TextOf(call, i))];
        foreach (var source in sources)
        {
            CheckName(source, "source", "label_join");
        }
        CheckName(destination, "destination", "label_join");
        return Plan(
            vector,
            destination,
            labels => string.Join(separator, sources.Select(source => labels.Get(source) ?? ""))
        );
    }

    /// <summary>The text of an argument.</summary>
    public static string TextOf(CallExpression call, int argument) =>
        ((StringLiteral)StepInvariance.Unwrapped(call.Arguments[argument])).Value;

    /// <param name="vector">Whose labels change.</param>
    /// <param name="destination">Which label.</param>
    /// <param name="valueOf">Its new value; null to leave it.</param>
    private static VectorPlan Plan(VectorPlan vector, string destination, Func<LabelSet, string?> valueOf)
    {
        var isName = string.Equals(destination, LabelSet.MetricNameLabel, StringComparison.Ordinal);
        return run =>
        {
            var inner = vector(run);
            var labels = new LabelSet[inner.Count];
            var dropsName = new bool[inner.Count];
            for (var i = 0; i < labels.Length; i++)
            {
                labels[i] = inner.LabelsOf(i);
                dropsName[i] = inner.DropsNameLater(i);
                if (valueOf(labels[i]) is { } value)
                {
                    labels[i] = LabelEdit.Set(labels[i], destination, value);
                    // A name that was just made is not to go.
                    dropsName[i] &= !isName;
                }
            }
            var changed = new RelabeledStream(inner, labels, dropsName);
            return ColumnMerge.HasSameLabels(changed) ? ColumnMerge.Merge(ColumnList.Of(changed, run)) : changed;
        };
    }

    private static void CheckName(string name, string role, string function)
    {
        // Any UTF-8 text but the empty one is a name.
        if (name.Length == 0)
        {
            throw QueryException.Execution($"invalid {role} label name in {function}(): {name}");
        }
    }
}
