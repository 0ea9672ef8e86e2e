// Logs: a workspace with a daily limit, and Application Insights that takes nothing without an identity.

@description('What the names end with.')
param name string

@description('The region.')
param location string

@description('Tags.')
param tags object

@description('For how many days logs are kept.')
param retentionDays int

@description('The most that is logged in a day, in GB; -1 for no limit.')
param dailyCapGb string

@description('The identity of the function app.')
param identityPrincipalId string

var roles = {
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${name}'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionDays
    workspaceCapping: {
      // The language has no fractions.
      dailyQuotaGb: json(dailyCapGb)
    }
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${name}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    IngestionMode: 'LogAnalytics'
    WorkspaceResourceId: workspace.id
  }
}

resource appTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identityPrincipalId, roles.monitoringMetricsPublisher)
  scope: insights
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.monitoringMetricsPublisher)
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    description: 'The function app: its logs.'
  }
}

@description('The workspace.')
output workspaceId string = workspace.id

@description('Where telemetry goes. It has no secret: without the role, nothing is taken.')
output connectionString string = insights.properties.ConnectionString
