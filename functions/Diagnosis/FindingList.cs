using Tributary.Configuration.Yaml;
using Tributary.Stores;

namespace Tributary.Functions.Diagnosis;

/// <summary>Takes what a check finds, while it finds it: what was found before a check runs out of time counts. Safe for several threads.</summary>
internal sealed class FindingList
{
    /// <summary>A text is cut at this length, so that no server's answer fills the screen.</summary>
    private const int MaxChars = 1000;

    private readonly Lock gate = new();
    private readonly List<Finding> found = [];

    /// <summary>Everything so far, in its order.</summary>
    public IReadOnlyList<Finding> All
    {
        get
        {
            lock (gate)
            {
                return [.. found];
            }
        }
    }

    /// <summary>Whether something does not work.</summary>
    public bool HasFailure => All.Any(finding => finding.Kind is FindingKind.Failure);

    public void Ok(string text) => Add(FindingKind.Ok, text, "");

    public void Skip(string text) => Add(FindingKind.Skipped, text, "");

    public void Warn(string text, string advice) => Add(FindingKind.Warning, text, advice);

    public void Fail(string text, string advice) => Add(FindingKind.Failure, text, advice);

    /// <summary>A failed operation of the store, with its own advice and the command that helps.</summary>
    /// <param name="what">What cannot be done; empty where the store's message says it.</param>
    /// <param name="exception">The failure.</param>
    /// <param name="command">What to type; empty without.</param>
    public void Fail(string what, StoreException exception, string command = "")
    {
        var advice = exception.Advice;
        var text =
            advice.Length > 0 && exception.Message.EndsWith(advice, StringComparison.Ordinal)
                ? exception.Message[..^advice.Length].TrimEnd()
                : exception.Message;
        Fail(what.Length == 0 ? text : $"{what}: {text}", $"{advice} {command}".Trim());
    }

    /// <summary>Takes what another list has.</summary>
    public void AddRange(FindingList other)
    {
        var all = other.All;
        lock (gate)
        {
            found.AddRange(all);
        }
    }

    private void Add(FindingKind kind, string text, string advice)
    {
        var finding = new Finding(kind, Shown(text), Shown(advice));
        lock (gate)
        {
            found.Add(finding);
        }
    }

    private static string Shown(string text)
    {
        var hidden = CredentialText.Hide(text);
        return hidden.Length <= MaxChars ? hidden : hidden[..MaxChars] + "…";
    }
}
