"""A page with one box that gives back what is typed, turned round."""
import gradio as gr

gr.Interface(fn=lambda text: text[::-1], inputs='text', outputs='text', title='Turned round').launch()
