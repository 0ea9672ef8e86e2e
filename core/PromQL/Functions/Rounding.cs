using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary><c>round</c>: to the nearest multiple of the first scalar argument, 1 without it; ties go up.</summary>
internal sealed class Rounding : InstantFunction
{
    /// <inheritdoc/>
    public override void Evaluate(in InstantInput input, StepColumn result)
    {
        var values = input.Column.Values;
        for (var i = 0; i < values.Length; i++)
        {
            if (Absent.Is(values[i]))
            {
                result.Remove(i);
                continue;
            }
            // As upstream: the inverse makes for the rounder results.
            var inverse = 1 / (input.Parameter.IsEmpty ? 1 : input.Parameter[i]);
            result.Set(i, Math.Floor((values[i] * inverse) + 0.5) / inverse);
        }
    }
}
