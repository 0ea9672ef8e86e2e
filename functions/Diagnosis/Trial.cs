using Tributary.Stores;

namespace Tributary.Functions.Diagnosis;

/// <summary>Tries one operation after the other, and says which ones work and what the others lack.</summary>
/// <param name="what">What is operated on: blobs, or rows.</param>
/// <param name="role">The role that has all these permissions.</param>
/// <param name="store">The store.</param>
/// <param name="findings">Gets what was found.</param>
internal sealed class Trial(string what, string role, ScratchStore store, FindingList findings)
{
    /// <summary>Who asks is known, and lacks a permission (or a signature does): another operation may work.</summary>
    private static readonly string[] OfOneOperation =
    [
        "AuthorizationPermissionMismatch",
        "AuthorizationResourceTypeMismatch",
        "FeatureNotYetSupportedForHierarchicalNamespaceAccounts",
    ];

    private readonly List<string> done = [];

    /// <summary>Whether what failed last concerns every operation, so that no other one need be tried.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Tries an operation.</summary>
    /// <param name="operation">What it does, as "written".</param>
    /// <param name="run">Does it.</param>
    /// <returns>Whether it worked.</returns>
    public async Task<bool> TryAsync(string operation, Func<Task> run)
    {
        if (IsOver)
        {
            return false;
        }
        try
        {
            await run();
            done.Add(operation);
            return true;
        }
        catch (StoreException exception)
        {
            Fail($"{what} cannot be {operation}", exception);
            return false;
        }
    }

    /// <summary>An operation that failed.</summary>
    /// <param name="problem">What does not work.</param>
    /// <param name="exception">Why.</param>
    /// <param name="command">What helps, too.</param>
    public void Fail(string problem, StoreException exception, string command = "")
    {
        IsOver =
            exception.Error is StoreError.Unusable
            || (
                exception.Error is StoreError.Denied && !OfOneOperation.Contains(exception.Code, StringComparer.Ordinal)
            );
        var isRole = store.UsesIdentity && exception.Code == OfOneOperation[0];
        findings.Fail(problem, exception, isRole ? $"{RoleCommand}. {command}" : command);
    }

    /// <summary>Says what worked.</summary>
    public void End()
    {
        if (done.Count > 0)
        {
            findings.Ok($"{what} can be {string.Join(", ", done)}");
        }
    }

    private string RoleCommand =>
        $"az role assignment create --role \"{role}\" --assignee PRINCIPAL_ID --scope $(az storage account show --name "
        + $"{store.Account} --query id --output tsv); PRINCIPAL_ID of an app's identity: az identity show; your own: az ad "
        + "signed-in-user show --query id --output tsv";
}
