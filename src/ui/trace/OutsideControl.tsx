import type { OutsideSetting } from '../../view/inspection.ts'
import { topologyOf } from '../../view/remember.ts'
import { Button } from '../common/Button.tsx'
import { useApp } from '../common/useApp.ts'
import css from './Inspector.module.css'
import { traceMessages as say } from './messages.ts'

interface OutsideControlProps {
  readonly setting: OutsideSetting
}

/** Changes the world outside by writing the manifest that says it. */
export function OutsideControl({ setting }: OutsideControlProps) {
  const on = useApp((state) => topologyOf(state.cluster.objects).outside.loadBalancer)
  const setOutside = useApp((state) => state.setOutside)
  const showTab = useApp((state) => state.showTab)
  return (
    <p className={css['control']}>
      {setting === 'load-balancer' ? (
        <Button
          onClick={() => {
            setOutside(setting, on ? 'off' : 'on')
          }}
        >
          {on ? say.turnOff : say.turnOn}
        </Button>
      ) : (
        <Button
          onClick={() => {
            setOutside(setting)
            showTab('yaml')
          }}
        >
          {say.edit[setting]}
        </Button>
      )}
      <span>{say.writesYaml}</span>
    </p>
  )
}
