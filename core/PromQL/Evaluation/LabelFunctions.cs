using Tributary.Model;
using Tributary.Patterns;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Evaluation;

/// <summary><c>label_replace</c> and <c>label_join</c>: other labels, the same values.</summary>
internal static class LabelFunctions
{
    /// <summary>What a set of labels takes without its labels, and what each of them takes without its text.</summary>
    private const long SetBytes = 96;
    private const long LabelBytes = 16;

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
        // No reference is shorter than its sign.
        var references = (long)replacement.Count(letter => letter == '$');
        return Plan(
            vector,
            destination,
            (labels, run) =>
            {
                var text = labels.Get(source) ?? "";
                var most = replacement.Length + (references * text.Length);
                using var reserved = new ReservedText(most, run);
                return expansion.TryExpand(text, out var value) ? value : null;
            }
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
            (labels, run) =>
            {
                var length = sources.Sum(source => (long)separator.Length + (labels.Get(source)?.Length ?? 0));
                using var reserved = new ReservedText(length, run);
                return string.Join(separator, sources.Select(source => labels.Get(source) ?? ""));
            }
        );
    }

    /// <summary>The text of an argument.</summary>
    public static string TextOf(CallExpression call, int argument) =>
        ((StringLiteral)StepInvariance.Unwrapped(call.Arguments[argument])).Value;

    /// <param name="vector">Whose labels change.</param>
    /// <param name="destination">Which label.</param>
    /// <param name="valueOf">Its new value; null to leave it.</param>
    private static VectorPlan Plan(VectorPlan vector, string destination, Func<LabelSet, QueryRun, string?> valueOf)
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
                if ((i & 255) == 0)
                {
                    run.Check();
                }
                if (valueOf(labels[i], run) is { } value)
                {
                    run.Budget.TakeBytes(SetBytes + (LabelBytes * labels[i].Labels.Length) + (2L * value.Length));
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

    /// <summary>Counts the most that a text can take while it is made: nested calls make texts of any length.</summary>
    private readonly struct ReservedText : IDisposable
    {
        /// <summary>No text can be longer.</summary>
        private const long MaxLength = 1 << 29;

        private readonly long bytes;
        private readonly QueryRun run;

        public ReservedText(long length, QueryRun run)
        {
            if (length > MaxLength)
            {
                throw QueryException.Execution($"a label value would be longer than {MaxLength} characters");
            }
            (bytes, this.run) = (length * sizeof(char), run);
            run.Budget.TakeBytes(bytes);
        }

        public void Dispose() => run.Budget.ReleaseBytes(bytes);
    }
}
