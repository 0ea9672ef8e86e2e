using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>The kills have a class for each form, so that they run beside each other.</summary>
public sealed class KilledRulesAzuriteTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    [Fact]
    public async Task Kill_DuringEvaluation_EachEvaluationIsThereOnce_AndNoAlertIsLost()
    {
        using var installation = await Installation.CreateAsync(Form.StandaloneAzurite, executable, azurite);
        await KilledRules.RunAsync(installation, seed: 4);
    }
}
