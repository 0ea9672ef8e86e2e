namespace Tributary.Configuration.Advice;

/// <summary>What those who made a mistake for the first time have to know of it; texts without secrets.</summary>
/// <param name="Id">The mistake's heading in <c>docs/mistakes.md</c>, as the link to it spells it.</param>
/// <param name="Happens">What happens because of it.</param>
/// <param name="Fix">What to do, as a sentence that <paramref name="Snippet"/> may follow.</param>
/// <param name="Snippet">The lines to write instead, as YAML; may be empty.</param>
public sealed record Explanation(string Id, string Happens, string Fix, string Snippet = "")
{
    /// <summary>When it is no mistake after all; may be empty.</summary>
    public string Note { get; init; } = "";
}
